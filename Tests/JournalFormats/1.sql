-- A journal as the first format's only version wrote it: three deliveries, of which the runs of two
-- were created.
BEGIN TRANSACTION;
CREATE TABLE body (
  sequence INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
INSERT INTO "body" VALUES(1,CAST('{"id":"id-0","text":"' || replace(hex(zeroblob(4500)),'00','xx') || '"}' AS BLOB));
INSERT INTO "body" VALUES(2,CAST('{"id":"id-1","text":"' || replace(hex(zeroblob(4500)),'00','xx') || '"}' AS BLOB));
INSERT INTO "body" VALUES(3,CAST('{"id":"id-2","text":"' || replace(hex(zeroblob(4500)),'00','xx') || '"}' AS BLOB));
CREATE TABLE delivery (
  sequence INTEGER PRIMARY KEY,     -- order of arrival
  id BLOB NOT NULL UNIQUE,
  hook TEXT NOT NULL,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  sender_id TEXT,
  sender_key INTEGER,               -- of hook and sender_id, as an index entry of 8 bytes
  digest BLOB NOT NULL,             -- SHA-256 of the body
  body_key INTEGER,                 -- of hook and digest; NULL when replays are not looked for
  body_length INTEGER NOT NULL,
  received INTEGER NOT NULL,        -- journal time, microseconds
  received_wall INTEGER NOT NULL,   -- time of day, microseconds since 1970
  conflicting INTEGER NOT NULL,     -- 1: sender_id belongs to another body, too
  replay_of BLOB,
  decisions BLOB NOT NULL,          -- JSON
  event BLOB NOT NULL,
  head BLOB NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;
INSERT INTO "delivery" VALUES(1,X'01A20F302C6F0FB6195AB6B142E040AA','ci/app','github','push','id-0',8243310940958941236,X'0900C62A72E8A7DB4FF9850B0EB6F050C14C1985510665C4D48E52605A2A366E',-8412812629389126585,9023,1795551145075916,1795551145075916,0,NULL,X'5B7B2274726967676572223A226275696C64222C2272756E223A747275657D5D',X'',X'',3295520106787832421);
INSERT INTO "delivery" VALUES(2,X'01A20F302C7B2D5B1EFAFAE262254198','ci/app','github','push','id-1',-1274167259356591689,X'9345B99A8D6A4BCDC7D3AB067EABB5F5DA4FD14F543100415BE3797D8A19C5A0',-6147689948003211550,9023,1795551145084157,1795551145084157,0,NULL,X'5B7B2274726967676572223A226275696C64222C2272756E223A747275657D5D',X'',X'',6912159815016419871);
INSERT INTO "delivery" VALUES(3,X'01A20F302C8F203CD6FDE8AACBD3E898','ci/app','github','push','id-2',5934113752080394152,X'77C4E60BE8F98DBD8D509BB832E84E34C5496CD37FC8494B7278CD868FBF1DEB',9174016618057183921,9023,1795551145103865,1795551145103865,0,NULL,X'5B7B2274726967676572223A226275696C64222C2272756E223A747275657D5D',X'',X'',-5615928519886274043);
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1');
CREATE TABLE object (
  id INTEGER PRIMARY KEY,           -- of the run
  bytes BLOB NOT NULL
) STRICT;
INSERT INTO "object" VALUES(4096,X'7B226E616D65223A2272756E2D69642D30227D');
INSERT INTO "object" VALUES(8192,X'7B226E616D65223A2272756E2D69642D31227D');
INSERT INTO "object" VALUES(12288,X'7B226E616D65223A2272756E2D69642D32227D');
CREATE TABLE run (
  id INTEGER PRIMARY KEY,           -- 4096 × sequence + place in the delivery
  task INTEGER NOT NULL,            -- 0 create, 1 decide, 2 none: a failed decision
  decision INTEGER NOT NULL,        -- place of the decision in its delivery
  trigger TEXT NOT NULL,
  lane TEXT NOT NULL,
  serial INTEGER,                   -- of hook and trigger; NULL when order does not matter
  api_version TEXT NOT NULL,
  kind TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  object_digest BLOB NOT NULL,      -- the first 8 bytes of SHA-256
  state INTEGER NOT NULL,           -- 0 pending, 1 waiting, 2 created, 3 dead, 4 superseded
  due INTEGER NOT NULL,             -- journal time, microseconds
  since INTEGER NOT NULL,           -- likewise: when trying began
  attempts INTEGER NOT NULL,
  changed INTEGER NOT NULL,         -- likewise
  uid TEXT,
  reason TEXT,
  message TEXT,
  verdict BLOB,                     -- JSON: what replaces a deferred or failed decision
  checksum INTEGER NOT NULL
) STRICT;
INSERT INTO "run" VALUES(4096,0,0,'build','ci',NULL,'v1','ConfigMap','ci','run-id-0',X'85F1F1323CE63F70',2,1795551145076024,1795551145076024,0,1795551145084120,'u',NULL,NULL,NULL,-3990878314454361910);
INSERT INTO "run" VALUES(8192,0,0,'build','ci',NULL,'v1','ConfigMap','ci','run-id-1',X'3B55831090BBC1DC',0,1795551145084260,1795551145084260,0,1795551145084260,NULL,NULL,NULL,NULL,1162607576394052609);
INSERT INTO "run" VALUES(12288,0,0,'build','ci',NULL,'v1','ConfigMap','ci','run-id-2',X'243E6191EF999310',2,1795551145103945,1795551145103945,0,1795551145111540,'u',NULL,NULL,NULL,8316403390578284124);
CREATE TABLE time_base (
  boot TEXT NOT NULL,
  offset INTEGER NOT NULL           -- journal time minus monotonic time, microseconds
) STRICT;
INSERT INTO "time_base" VALUES('a367d50d-3c77-4637-aa33-670c5f96f8b6',1795527161103369);
CREATE INDEX delivery_sender ON delivery (sender_key) WHERE sender_key IS NOT NULL;
CREATE INDEX delivery_body ON delivery (body_key) WHERE body_key IS NOT NULL;
CREATE INDEX run_due ON run (lane, due, id) WHERE state = 0;
CREATE INDEX run_serial ON run (serial, id) WHERE serial IS NOT NULL AND state IN (0, 1);
CREATE INDEX run_open ON run (id) WHERE state IN (0, 1);
CREATE INDEX run_dead ON run (id) WHERE state = 3;
COMMIT;
PRAGMA user_version = 1;
