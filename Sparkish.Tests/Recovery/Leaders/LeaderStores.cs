using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.Leaders;

/// <summary>The stores that a leader's process can use, by name.</summary>
internal static class LeaderStores
{
    public const string Name = "leaders";

    public static (IJournalStore Store, ILeaderElection Election) Open(string kind, string connection) => kind switch
    {
        "postgresql" => (OpenPostgreSql(connection), new PostgreSqlElection(connection, "sparkish", Name, TimeSpan.FromSeconds(3), TimeProvider.System, NullLogger.Instance)),
        _ => throw new ArgumentException($"'{kind}' is no store of leaders.", nameof(kind)),
    };

    public static PostgreSqlJournalStore OpenPostgreSql(string connection) => new(connection, "sparkish", TimeProvider.System, NullLogger.Instance);
}
