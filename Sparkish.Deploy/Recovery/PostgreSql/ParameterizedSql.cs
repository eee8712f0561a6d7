using Npgsql;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>Statements with their parameters <c>$1</c>, <c>$2</c>, … in order.</summary>
internal static class ParameterizedSql
{
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        return command;
    }
}
