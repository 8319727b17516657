app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"], allow_credentials=True)
