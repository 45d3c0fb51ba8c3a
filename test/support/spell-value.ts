export { spell } from "../../src/testing/codec-contract/spell.ts";
