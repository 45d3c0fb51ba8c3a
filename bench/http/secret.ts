/** What peers sign and seal with. */
export const SECRET = "a secret of the benchmark, which is long enough";
