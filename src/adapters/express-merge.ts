/**
 * `sojourn/express/merge`: import it for `req.session`, at run time and in the types of Express. Its type is that of the
 * sessions named in `declare module "sojourn" { interface Register { sessions: typeof sessions } }`, else untyped data.
 * Of several managers it is the first one that a request meets: mount the registered one first, and reach the others by
 * `of`. Not together with other packages that declare `req.session`, such as @types/express-session.
 */
import type { RegisteredSession } from "../core/manager-types.ts";
import { wantSessionProperty } from "./merged-session.ts";

declare global {
  namespace Express {
    interface Request {
      /** The session of this request; the same as `sessions.of(req)`. */
      readonly session: RegisteredSession;
    }
  }
}

wantSessionProperty();
