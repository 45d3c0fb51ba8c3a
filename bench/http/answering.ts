/** In a child: answers what the runner asks, in turn, and ends with the runner. */
export function answer<Question>(how: (question: Question) => unknown): void {
  const respond = async (question: Question): Promise<void> => {
    try {
      process.send?.((await how(question)) ?? {});
    } catch (error) {
      process.send?.({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  process.on("message", (question: Question) => void respond(question));
  process.on("disconnect", () => process.exit());
}
