export function close(conn: Conn, log: Logger) {
  try {
    conn.close();
  } catch (err) {
    log.warn({ err }, "close failed");
  }
}
