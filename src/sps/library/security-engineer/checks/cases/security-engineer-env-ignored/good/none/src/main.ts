import "./env";
