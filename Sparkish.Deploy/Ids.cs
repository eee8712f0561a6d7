#pragma warning disable MA0048 // the ids of one subject belong together
using System.Globalization;

namespace Sparkish.Deploy;

/// <summary>A worker's id, such as <c>worker-20260102030405-10.0.0.1-40001</c>; created by the worker at its start and kept across registrations.</summary>
internal readonly record struct WorkerId(string Value)
{
    /// <summary>The prefix of each id.</summary>
    public const string Prefix = "worker-";

    private const int MaxHostChars = 64;

    public static WorkerId Create(DateTimeOffset now, string host, int port) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{now:yyyyMMddHHmmss}-{Plain(host)}-{port}"));

    /// <summary>Replaces the characters of a host that ids do not allow, such as the underscore in a container's name, by hyphens.</summary>
    private static string Plain(string host) =>
        string.Concat(host.Take(MaxHostChars).Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' ? c : '-'));

    public override string ToString() => Value;
}

/// <summary>An application's id, such as <c>app-20260102030405-0000</c>; created by the master.</summary>
internal readonly record struct ApplicationId(string Value)
{
    /// <summary>The prefix of each id.</summary>
    public const string Prefix = "app-";

    public static ApplicationId Create(DateTimeOffset now, int number) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{now:yyyyMMddHHmmss}-{number:D4}"));

    public override string ToString() => Value;
}

/// <summary>The id of a driver in cluster mode, such as <c>driver-20260102030405-0000</c>; created by the master.</summary>
internal readonly record struct DriverId(string Value)
{
    /// <summary>The prefix of each id.</summary>
    public const string Prefix = "driver-";

    public static DriverId Create(DateTimeOffset now, int number) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{now:yyyyMMddHHmmss}-{number:D4}"));

    public override string ToString() => Value;
}

/// <summary>Identifies an executor in the cluster: its application and its number there, from 0. Written <c>app-…/0</c>.</summary>
internal readonly record struct ExecutorKey(ApplicationId App, int Number)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{App.Value}/{Number}");
}
