/** All scenarios, by name. */
import type { Scenario } from "../scenario.ts";
import * as expiry from "./expiry.ts";
import * as lateAnswers from "./late-answers.ts";
import * as limits from "./limits.ts";
import * as login from "./login.ts";
import * as logout from "./logout.ts";
import * as reauthentication from "./reauthentication.ts";
import * as renewal from "./renewal.ts";
import * as revocation from "./revocation.ts";
import * as rotation from "./rotation.ts";
import * as theft from "./theft.ts";
import * as writing from "./writing.ts";

export const SCENARIOS: readonly Scenario[] = [
  writing,
  rotation,
  login,
  lateAnswers,
  reauthentication,
  renewal,
  logout,
  revocation,
  expiry,
  limits,
  theft,
].flatMap((group) => Object.values(group));
