-- One row per grain state. The provider splits a key that looks like a number or a GUID into N0 and N1, whatever its case and leading
-- zeros, so that several keys share them; GrainIdHash, which WholeKeyHasherPicker takes of the key as it is written, keeps them apart.
CREATE TABLE OrleansStorage
(
    ServiceId              TEXT NOT NULL,
    GrainTypeString        TEXT NOT NULL,
    GrainIdHash            INTEGER NOT NULL,
    GrainIdN0              INTEGER NOT NULL,
    GrainIdN1              INTEGER NOT NULL,
    GrainIdExtensionString TEXT NOT NULL,
    Version                INTEGER NOT NULL,
    ModifiedOn             TEXT NOT NULL,
    PayloadBinary          BLOB NULL
);

CREATE UNIQUE INDEX IX_OrleansStorage
    ON OrleansStorage (GrainIdHash, GrainIdExtensionString, GrainIdN1, GrainIdN0, GrainTypeString, ServiceId);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('ReadFromStorageKey', '
    SELECT PayloadBinary, Version
    FROM OrleansStorage
    WHERE GrainIdHash = @GrainIdHash AND GrainIdExtensionString = coalesce(@GrainIdExtensionString, '''')
      AND GrainIdN1 = @GrainIdN1 AND GrainIdN0 = @GrainIdN0
      AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId;
'),

-- Without a version the grain claims that no row exists; with one, that the row has it. Whoever is wrong gets no row back.
('WriteToStorageKey', '
    INSERT INTO OrleansStorage
        (ServiceId, GrainTypeString, GrainIdHash, GrainIdN0, GrainIdN1, GrainIdExtensionString, Version, ModifiedOn, PayloadBinary)
    SELECT @ServiceId, @GrainTypeString, @GrainIdHash, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''''), 1,
        strftime(''%Y-%m-%d %H:%M:%f'', ''now''), @PayloadBinary
    WHERE @GrainStateVersion IS NULL OR EXISTS
    (
        SELECT 1 FROM OrleansStorage
        WHERE GrainIdHash = @GrainIdHash AND GrainIdExtensionString = coalesce(@GrainIdExtensionString, '''')
          AND GrainIdN1 = @GrainIdN1 AND GrainIdN0 = @GrainIdN0
          AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId
    )
    ON CONFLICT (GrainIdHash, GrainIdExtensionString, GrainIdN1, GrainIdN0, GrainTypeString, ServiceId) DO UPDATE
    SET Version = Version + 1, ModifiedOn = excluded.ModifiedOn, PayloadBinary = excluded.PayloadBinary
    WHERE Version = @GrainStateVersion
    RETURNING Version AS NewGrainStateVersion;
'),

-- The row stays with its version, so that a stale activation cannot write a cleared state back to life.
('ClearStorageKey', '
    UPDATE OrleansStorage
    SET Version = Version + 1, ModifiedOn = strftime(''%Y-%m-%d %H:%M:%f'', ''now''), PayloadBinary = NULL
    WHERE GrainIdHash = @GrainIdHash AND GrainIdExtensionString = coalesce(@GrainIdExtensionString, '''')
      AND GrainIdN1 = @GrainIdN1 AND GrainIdN0 = @GrainIdN0
      AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId AND Version = @GrainStateVersion
    RETURNING Version AS NewGrainStateVersion;
'),

('DeleteStorageKey', '
    DELETE FROM OrleansStorage
    WHERE GrainIdHash = @GrainIdHash AND GrainIdExtensionString = coalesce(@GrainIdExtensionString, '''')
      AND GrainIdN1 = @GrainIdN1 AND GrainIdN0 = @GrainIdN0
      AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId AND Version = @GrainStateVersion
    RETURNING Version + 1 AS NewGrainStateVersion;
');
