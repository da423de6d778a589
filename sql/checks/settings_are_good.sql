-- error: a setting cannot be meant as it stands; its default is in force until it is mended and the system started again
SELECT wrong.problem
FROM jsonb_array_elements_text(coalesce(nullif(current_setting('newswire.setting_problems', true), ''), '[]')::jsonb)
    AS wrong (problem)
ORDER BY wrong.problem;
