using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Closures;

/// <summary>Advice to a user who captures an object that cannot be sent: the end of a sentence.</summary>
internal static class CaptureAdvice
{
    /// <summary>The advice for most objects.</summary>
    public const string Usual = "create it inside the function, or copy the values that the function needs to local variables";

    private const string CompiledExpression = "System.Runtime.CompilerServices.Closure";

    private static readonly (Type Type, string Advice)[] Known =
    [
        (typeof(Task), "await it before the call, and capture its result"),
        (typeof(ValueTask), "await it before the call, and capture its result"),
        (typeof(ValueTask<>), "await it before the call, and capture its result"),
        (typeof(CancellationToken), "check it on the driver, before or after the call"),
        (typeof(CancellationTokenSource), "check it on the driver, before or after the call"),
        (typeof(Stream), "open it inside the function: MapPartitions opens one per partition"),
        (typeof(TextReader), "open it inside the function: MapPartitions opens one per partition"),
        (typeof(TextWriter), "open it inside the function: MapPartitions opens one per partition"),
        (typeof(DbConnection), "open it inside the function: MapPartitions opens one per partition"),
        (typeof(DbCommand), "create it inside the function with its connection: MapPartitions opens one per partition"),
        (typeof(HttpMessageInvoker), "keep it in a static field, of which each executor has its own"),
        (typeof(ILogger), "keep it in a static field, of which each executor has its own"),
        (typeof(ILoggerFactory), "keep it in a static field, of which each executor has its own"),
        (typeof(IServiceProvider), "capture the values that the function needs, or keep it in a static field, of which each executor has its own"),
        (typeof(Lock), "lock on a static field, of which each executor has its own: no lock reaches other processes"),
        (typeof(WaitHandle), "wait on the driver: no lock reaches other processes"),
        (typeof(SemaphoreSlim), "wait on the driver: no lock reaches other processes"),
        (typeof(Thread), "start it inside the function, and wait there for its end"),
        (typeof(System.Threading.Timer), "start it on the driver, and leave it out of the function"),
        (typeof(System.Timers.Timer), "start it on the driver, and leave it out of the function"),
        (typeof(System.Diagnostics.Process), "start it inside the function, and wait there for its end"),
        (typeof(FileSystemInfo), "capture its FullName"),
    ];

    /// <summary>Advice by the type that was refused; null if the reason already contains advice.</summary>
    public static string? For(Type? refused, string reason)
    {
        if (reason.Contains(": ", StringComparison.Ordinal)) return null;
        if (refused is null) return Usual;
        if (InheritedAttributes.Find<NotSerializableAttribute>(refused)?.Advice is { } own) return own;
        if (refused.FullName is CompiledExpression) return "write it as a lambda of the program, or compile it inside the function";
        if (FSharpTypes.IsAsync(refused)) return "run it before the call with Async.RunSynchronously, and capture its result";
        var definition = refused.IsConstructedGenericType ? refused.GetGenericTypeDefinition() : refused;
        return Array.Find(Known, known => known.Type == definition || known.Type.IsAssignableFrom(refused)).Advice ?? Usual;
    }
}
