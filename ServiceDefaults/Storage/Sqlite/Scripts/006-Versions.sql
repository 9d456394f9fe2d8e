-- A state that was deleted and is made again must not come to versions that it had, or a stale activation could write over it: versions begin anywhere.
UPDATE OrleansQuery
SET QueryText = replace(QueryText, 'coalesce(@GrainIdExtensionString, ''''), 1,', 'coalesce(@GrainIdExtensionString, ''''), 1 + abs(random() % 1000000000),')
WHERE QueryKey = 'WriteToStorageKey';
