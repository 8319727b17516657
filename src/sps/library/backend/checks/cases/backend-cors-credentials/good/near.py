from flask_cors import CORS

app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=False)
CORS(app, origins=["https://shop.example"], supports_credentials=True)
CORS(app)
