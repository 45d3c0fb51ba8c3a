/** The adapter contract on Express 4. */
import express from "express-4";
import { describe, test } from "vitest";
import { adapterContract, register } from "../../src/testing/index.ts";
import { expressHarness } from "./support/express.ts";

describe("sojourn/express on Express 4", () => register(adapterContract(expressHarness(express)), test));
