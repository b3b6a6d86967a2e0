-- A shop's tables for PostgreSQL, as a current shop has them, and what its installer leaves, without users.
-- No statement contains a semicolon inside a string, so splitting on ';' at a line end is fine.

-- Free-standing sequences: not owned by a column and not a column default.
CREATE SEQUENCE "spy_acl_role_pk_seq";
CREATE SEQUENCE "spy_acl_group_pk_seq";
CREATE SEQUENCE "spy_acl_rule_pk_seq";
CREATE SEQUENCE "spy_user_pk_seq";
CREATE SEQUENCE "spy_locale_pk_seq";

CREATE TABLE "spy_locale" (
  "id_locale" integer NOT NULL,
  "is_active" boolean DEFAULT true NOT NULL,
  "locale_name" varchar(5) NOT NULL,
  PRIMARY KEY ("id_locale"),
  CONSTRAINT "spy_locale-unique-locale_name" UNIQUE ("locale_name")
);
CREATE INDEX "spy_locale-index-locale_name" ON "spy_locale" ("locale_name");

CREATE TABLE "spy_user" (
  "id_user" integer NOT NULL,
  "fk_locale" integer,
  "first_name" varchar(45) NOT NULL,
  "is_agent" boolean,
  "is_merchant_agent" boolean,
  "is_warehouse_user" boolean,
  "last_login" timestamp without time zone,
  "last_name" varchar(255) NOT NULL,
  "password" varchar(255) NOT NULL,
  "status" smallint DEFAULT 0 NOT NULL,
  "username" varchar(45) NOT NULL,
  "uuid" varchar(36),
  "created_at" timestamp without time zone,
  "updated_at" timestamp without time zone,
  PRIMARY KEY ("id_user"),
  CONSTRAINT "spy_user-username" UNIQUE ("username"),
  CONSTRAINT "spy_user-unique-uuid" UNIQUE ("uuid"),
  CONSTRAINT "spy_user-fk_locale" FOREIGN KEY ("fk_locale") REFERENCES "spy_locale" ("id_locale")
);

CREATE TABLE "spy_acl_role" (
  "id_acl_role" integer NOT NULL,
  "name" varchar(255) NOT NULL,
  "reference" varchar(255),
  "created_at" timestamp without time zone,
  "updated_at" timestamp without time zone,
  PRIMARY KEY ("id_acl_role"),
  CONSTRAINT "spy_acl_role-reference" UNIQUE ("reference"),
  CONSTRAINT "spy_acl_role-name" UNIQUE ("name")
);

CREATE TABLE "spy_acl_group" (
  "id_acl_group" integer NOT NULL,
  "name" varchar(255) NOT NULL,
  "reference" varchar(255),
  "created_at" timestamp without time zone,
  "updated_at" timestamp without time zone,
  PRIMARY KEY ("id_acl_group"),
  CONSTRAINT "spy_acl_group-unique-reference" UNIQUE ("reference"),
  CONSTRAINT "spy_acl_group-name" UNIQUE ("name")
);

CREATE TABLE "spy_acl_rule" (
  "id_acl_rule" integer NOT NULL,
  "fk_acl_role" integer NOT NULL,
  "action" varchar(45) NOT NULL,
  "bundle" varchar(60) NOT NULL,
  "controller" varchar(60) NOT NULL,
  "type" smallint NOT NULL,
  "created_at" timestamp without time zone,
  "updated_at" timestamp without time zone,
  PRIMARY KEY ("id_acl_rule"),
  CONSTRAINT "spy_acl_rule-fk_acl_role" FOREIGN KEY ("fk_acl_role") REFERENCES "spy_acl_role" ("id_acl_role") ON DELETE CASCADE
);

CREATE TABLE "spy_acl_user_has_group" (
  "fk_acl_group" integer NOT NULL,
  "fk_user" integer NOT NULL,
  PRIMARY KEY ("fk_acl_group", "fk_user"),
  CONSTRAINT "spy_acl_user_has_group-fk_user" FOREIGN KEY ("fk_user") REFERENCES "spy_user" ("id_user") ON DELETE CASCADE,
  CONSTRAINT "spy_acl_user_has_group-fk_acl_group" FOREIGN KEY ("fk_acl_group") REFERENCES "spy_acl_group" ("id_acl_group") ON DELETE CASCADE
);

CREATE TABLE "spy_acl_groups_has_roles" (
  "fk_acl_group" integer NOT NULL,
  "fk_acl_role" integer NOT NULL,
  PRIMARY KEY ("fk_acl_group", "fk_acl_role"),
  CONSTRAINT "spy_acl_groups_has_roles-fk_acl_role" FOREIGN KEY ("fk_acl_role") REFERENCES "spy_acl_role" ("id_acl_role") ON DELETE CASCADE,
  CONSTRAINT "spy_acl_groups_has_roles-fk_acl_group" FOREIGN KEY ("fk_acl_group") REFERENCES "spy_acl_group" ("id_acl_group") ON DELETE CASCADE
);

CREATE TABLE "spy_user_archive" (
  "id_user" integer NOT NULL,
  "fk_locale" integer,
  "first_name" varchar(45) NOT NULL,
  "is_agent" boolean,
  "is_merchant_agent" boolean,
  "is_warehouse_user" boolean,
  "last_login" timestamp without time zone,
  "last_name" varchar(255) NOT NULL,
  "password" varchar(255) NOT NULL,
  "status" smallint DEFAULT 0 NOT NULL,
  "username" varchar(45) NOT NULL,
  "uuid" varchar(36),
  "created_at" timestamp without time zone,
  "updated_at" timestamp without time zone,
  "archived_at" timestamp without time zone,
  PRIMARY KEY ("id_user")
);
CREATE INDEX "spy_user_archive_i_f86ef3" ON "spy_user_archive" ("username");
CREATE INDEX "spy_user_archive_i_36c49e" ON "spy_user_archive" ("uuid");

CREATE TABLE "spy_acl_role_archive" (
  "id_acl_role" integer NOT NULL,
  "name" varchar(255) NOT NULL,
  "reference" varchar(255),
  "created_at" timestamp without time zone,
  "updated_at" timestamp without time zone,
  "archived_at" timestamp without time zone,
  PRIMARY KEY ("id_acl_role")
);
CREATE INDEX "spy_acl_role_archive_i_d6e8ac" ON "spy_acl_role_archive" ("reference");
CREATE INDEX "spy_acl_role_archive_i_d94269" ON "spy_acl_role_archive" ("name");

CREATE TABLE "spy_acl_group_archive" (
  "id_acl_group" integer NOT NULL,
  "name" varchar(255) NOT NULL,
  "reference" varchar(255),
  "created_at" timestamp without time zone,
  "updated_at" timestamp without time zone,
  "archived_at" timestamp without time zone,
  PRIMARY KEY ("id_acl_group")
);
CREATE INDEX "spy_acl_group_archive_i_d6e8ac" ON "spy_acl_group_archive" ("reference");
CREATE INDEX "spy_acl_group_archive_i_d94269" ON "spy_acl_group_archive" ("name");

CREATE TABLE "spy_acl_rule_archive" (
  "id_acl_rule" integer NOT NULL,
  "fk_acl_role" integer NOT NULL,
  "action" varchar(45) NOT NULL,
  "bundle" varchar(60) NOT NULL,
  "controller" varchar(60) NOT NULL,
  "type" smallint NOT NULL,
  "created_at" timestamp without time zone,
  "updated_at" timestamp without time zone,
  "archived_at" timestamp without time zone,
  PRIMARY KEY ("id_acl_rule")
);

-- What an installer leaves. The real one adds all locales in a fixed order, which gives these two their ids.
INSERT INTO "spy_locale" ("id_locale", "is_active", "locale_name") VALUES (46, true, 'de_DE'), (66, true, 'en_US');
SELECT setval('spy_locale_pk_seq', 220);
INSERT INTO "spy_acl_group" ("id_acl_group", "name", "reference", "created_at", "updated_at")
  VALUES (nextval('spy_acl_group_pk_seq'), 'root_group', 'root_group', date_trunc('second', now() AT TIME ZONE 'UTC'), date_trunc('second', now() AT TIME ZONE 'UTC'));
INSERT INTO "spy_acl_role" ("id_acl_role", "name", "reference", "created_at", "updated_at")
  VALUES (nextval('spy_acl_role_pk_seq'), 'root_role', 'root_role', date_trunc('second', now() AT TIME ZONE 'UTC'), date_trunc('second', now() AT TIME ZONE 'UTC'));
INSERT INTO "spy_acl_rule" ("id_acl_rule", "fk_acl_role", "bundle", "controller", "action", "type", "created_at", "updated_at")
  VALUES (nextval('spy_acl_rule_pk_seq'), 1, '*', '*', '*', 0, date_trunc('second', now() AT TIME ZONE 'UTC'), date_trunc('second', now() AT TIME ZONE 'UTC'));
INSERT INTO "spy_acl_groups_has_roles" ("fk_acl_group", "fk_acl_role") VALUES (1, 1);
