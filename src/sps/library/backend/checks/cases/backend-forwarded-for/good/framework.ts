app.set("trust proxy", ["10.0.0.0/8"]);
export const peer = (req: Request) => req.ip;
