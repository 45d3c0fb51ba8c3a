/** Says once, at the first answer over https, that nothing keeps browsers from coming by http (SECURITY X3). */
let isTold = false; // of several managers one is enough

export class HstsNotice {
  /** Nothing is looked at any more once the first answer has been. */
  isDue: boolean;

  constructor(isWanted: boolean) {
    this.isDue = isWanted;
  }

  note(isSet: boolean): void {
    if (!this.isDue) return;
    this.isDue = false;
    if (isSet || isTold) return;
    isTold = true;
    process.emitWarning(
      "The first answer over https has no Strict-Transport-Security header, so browsers may come by http the next " +
        "time, where anybody on the way can answer. Set strictTransportSecurity() of sojourn/headers; where a proxy " +
        'adds the header, say accept: ["hsts"].',
      { code: "SOJOURN_HSTS" },
    );
  }
}
