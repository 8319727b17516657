app.use(cors({ origin: "https://shop.example", credentials: true }));
