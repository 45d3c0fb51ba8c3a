/** Express 4 under its alias; what the harness uses of it has the types of Express 5. */
declare module "express-4" {
  export { default } from "express";
}
