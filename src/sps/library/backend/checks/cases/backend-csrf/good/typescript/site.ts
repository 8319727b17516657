export const checkSite = (req: Request) => req.get("Sec-Fetch-Site") === "same-origin";
