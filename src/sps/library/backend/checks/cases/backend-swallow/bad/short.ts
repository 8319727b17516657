export function close(conn: Conn) {
  try { conn.close(); } catch {}
}
