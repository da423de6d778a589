-- Who may do what: the writer runs the pipeline, the reader reads; only the owner changes tables.
GRANT USAGE ON SCHEMA news, ops, mart TO newswire_writer, newswire_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA news, ops, mart TO newswire_writer;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ops TO newswire_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA news, ops, mart TO newswire_reader;
REVOKE ALL ON ops.hub_secrets FROM newswire_reader;  -- whoever reads them can push
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ops FROM PUBLIC;
-- Months made later belong to the owner; the parent's grants cover them, because all access goes through the parent.
