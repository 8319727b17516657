def forward(request, answer):
    answer.headers["X-Request-Id"] = request.headers["X-Request-Id"]
    return request.headers.get("X-Forwarded-Proto")
