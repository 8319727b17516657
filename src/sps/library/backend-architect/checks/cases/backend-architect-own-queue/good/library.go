package jobs

func take(client *river.Client) { client.Start(ctx) }
