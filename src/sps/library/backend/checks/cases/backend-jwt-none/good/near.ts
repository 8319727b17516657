export const near = (own: Own) => own.verify("x", { algorithms: ["none"] });
