// What Swift cannot call in SQLite: functions with a variable number of arguments. No logic.
#ifndef HOOKLINE_CSQLITE_H
#define HOOKLINE_CSQLITE_H

// Leaves the write-ahead log as it is when the connection, a `sqlite3 *`, is closed.
int csqlite_disable_checkpoint_on_close(void *connection);

#endif
