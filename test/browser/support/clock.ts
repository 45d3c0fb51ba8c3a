// Loaded ahead of the demo (`node --import`): moves its clock forward when the test says so.
const realNow = Date.now;
let aheadMs = 0;

Date.now = () => realNow() + aheadMs;

process.on("message", (ms: unknown) => {
  aheadMs += Number(ms);
  process.send?.("moved");
});
process.channel?.unref(); // listening must not keep the demo alive
