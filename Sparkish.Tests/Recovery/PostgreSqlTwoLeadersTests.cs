using Sparkish.Persistence;
using Sparkish.Tests.Recovery.Leaders;

namespace Sparkish.Tests.Recovery;

public sealed class PostgreSqlTwoLeadersTests : TwoLeadersContract
{
    protected override string Kind => "postgresql";

    protected override Task<string> NewConnectionAsync() => PostgreSqlTestServer.NewDatabaseAsync();

    protected override IJournalStore OpenStore(string connection) => LeaderStores.OpenPostgreSql(connection);
}
