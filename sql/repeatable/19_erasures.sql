-- An entry that was erased stays silent, and one that leads to an erased address says nothing from the start, whoever writes it:
-- a poll, a push or an import. Its key stays, so that the books of its feed add up.
CREATE OR REPLACE FUNCTION news.silence_erased() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RETURN NULL;
    END IF;
    SELECT address.erasure_id INTO NEW.erasure_id FROM news.addresses AS address WHERE address.address_id = NEW.address_id;
    IF NEW.erasure_id IS NOT NULL THEN
        NEW.guid := NULL;
        NEW.title := NULL;
        NEW.summary := NULL;
        NEW.content := NULL;
        NEW.authors := '{}';
        NEW.published_raw := NULL;
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER silence_new BEFORE INSERT ON news.entries
FOR EACH ROW WHEN (NEW.address_id IS NOT NULL) EXECUTE FUNCTION news.silence_erased();

CREATE OR REPLACE TRIGGER stay_silent BEFORE UPDATE ON news.entries
FOR EACH ROW WHEN (OLD.erasure_id IS NOT NULL) EXECUTE FUNCTION news.silence_erased();
