-- The ADO.NET providers look their statements up here. Every statement that writes is run by SqliteWriter inside an immediate
-- transaction of its own or of a group, so none of them says BEGIN or COMMIT.
CREATE TABLE OrleansQuery
(
    QueryKey  TEXT PRIMARY KEY,
    QueryText TEXT NOT NULL
) WITHOUT ROWID;
