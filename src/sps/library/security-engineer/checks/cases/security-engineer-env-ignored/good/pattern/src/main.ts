import "dotenv/config";
