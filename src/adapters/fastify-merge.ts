/**
 * `sojourn/fastify/merge`: import it for `request.session` in the types of Fastify; at run time it is there anyway. Its
 * type is that of the sessions named in `declare module "sojourn" { interface Register { sessions: typeof sessions } }`,
 * else untyped data. Of several managers it is the first one registered; reach the others by `of`. Not together with other
 * packages that declare `request.session`, such as @fastify/session.
 */
import type { RegisteredSession } from "../core/manager-types.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The session of this request; the same as `sessions.of(request)`. */
    readonly session: RegisteredSession;
  }
}
