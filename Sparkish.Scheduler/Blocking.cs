namespace Sparkish;

/// <summary>
/// The one place where a caller's thread waits for the engine: actions and the context's constructor are synchronous, as Spark's are. The engine never
/// needs the caller's thread or its synchronization context to go on, so this cannot deadlock; it is not for the engine's own threads.
/// </summary>
internal static class Blocking
{
#pragma warning disable VSTHRD002 // see above
    public static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    public static void Wait(Task task) => task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
}
