/** The public names of `sojourn/devices`: which device signed in, by what it says of itself. Needs `bowser`. */

export type { Device } from "../core/about.ts";
export { deviceName } from "./device-name.ts";
export { deviceReader } from "./device-reader.ts";
