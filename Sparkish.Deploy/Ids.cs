#pragma warning disable MA0048 // the ids of one subject stand together
using System.Globalization;

namespace Sparkish.Deploy;

/// <summary>A worker's id, such as <c>worker-20260102030405-10.0.0.1-40001</c>; made by the worker at its start and kept over registrations.</summary>
internal readonly record struct WorkerId(string Value)
{
    public static WorkerId Create(DateTimeOffset now, string host, int port) =>
        new(string.Create(CultureInfo.InvariantCulture, $"worker-{now:yyyyMMddHHmmss}-{host}-{port}"));

    public override string ToString() => Value;
}

/// <summary>An application's id, such as <c>app-20260102030405-0000</c>; made by the master.</summary>
internal readonly record struct ApplicationId(string Value)
{
    public static ApplicationId Create(DateTimeOffset now, int number) =>
        new(string.Create(CultureInfo.InvariantCulture, $"app-{now:yyyyMMddHHmmss}-{number:D4}"));

    public override string ToString() => Value;
}

/// <summary>An executor in the cluster: its application and its number there, from 0. Written <c>app-…/0</c>.</summary>
internal readonly record struct ExecutorKey(ApplicationId App, int Number)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{App.Value}/{Number}");
}
