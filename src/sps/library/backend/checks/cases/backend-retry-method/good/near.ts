app.use(cors({ methods: ["GET", "POST"] }));
