"""Every change of the word list gives it a number that was never used before: each process asks
for the number and reads the list again when it is another one.
"""

from django.db import migrations

COUNT = """
CREATE SEQUENCE comments_wordlist_numbers;
INSERT INTO comments_wordlistversion (id, number) VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE FUNCTION comments_wordlist_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO comments_wordlistversion (id, number)
    VALUES (1, nextval('comments_wordlist_numbers'))
    ON CONFLICT (id) DO UPDATE SET number = EXCLUDED.number;
    RETURN NULL;
END $$;
CREATE TRIGGER comments_wordlist_changed
    AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON comments_listedword
    FOR EACH STATEMENT EXECUTE FUNCTION comments_wordlist_changed();
"""
STOP = """
DROP TRIGGER comments_wordlist_changed ON comments_listedword;
DROP FUNCTION comments_wordlist_changed();
DROP SEQUENCE comments_wordlist_numbers;
"""


class Migration(migrations.Migration):
    dependencies = [("comments", "0004_listed_words")]

    operations = [migrations.RunSQL(COUNT, STOP)]
