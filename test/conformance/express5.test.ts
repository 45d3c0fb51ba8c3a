/** The adapter contract on Express 5. */
import express from "express";
import { describe, test } from "vitest";
import { adapterContract, register } from "../../src/testing/index.ts";
import { expressHarness } from "./support/express.ts";

describe("sojourn/express on Express 5", () => register(adapterContract(expressHarness(express)), test));
