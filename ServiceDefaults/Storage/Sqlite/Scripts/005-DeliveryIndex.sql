-- Deliveries by owner, stage and time. Times are ticks of 100 ns since year 1, UTC; stages are the numbers of the HTTP contract.
CREATE TABLE DeliveryIndex
(
    OwnerId     TEXT    NOT NULL,
    DeliveryId  TEXT    NOT NULL,
    Version     INTEGER NOT NULL,
    Stage       INTEGER NOT NULL,
    RequestedAt INTEGER NOT NULL,
    ChangedAt   INTEGER NOT NULL,
    PRIMARY KEY (OwnerId, DeliveryId)
) WITHOUT ROWID;

CREATE INDEX IX_DeliveryIndex_Owner ON DeliveryIndex (OwnerId, ChangedAt, DeliveryId);
CREATE INDEX IX_DeliveryIndex_All ON DeliveryIndex (ChangedAt, DeliveryId);
