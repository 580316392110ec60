/** The `sql` block of a subsegment, for `addSqlData`. */
export class SqlData {
  database_version?: string;
  driver_version?: string;
  preparation?: string;
  url?: string;
  user?: string;

  constructor(
    databaseVersion?: string,
    driverVersion?: string,
    user?: string,
    url?: string,
    preparation?: string,
  ) {
    if (databaseVersion) this.database_version = databaseVersion;
    if (driverVersion) this.driver_version = driverVersion;
    if (preparation) this.preparation = preparation;
    if (url !== undefined) this.url = url;
    if (user !== undefined) this.user = user;
  }
}
