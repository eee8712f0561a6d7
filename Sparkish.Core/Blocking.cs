namespace Sparkish;

/// <summary>
/// The one place where a thread waits for the engine: callers, since actions and the context's constructor are synchronous as Spark's are, and task
/// slots, which are threads of their own that exist to block. The engine never needs such a thread or its synchronization context to go on, so this
/// cannot deadlock; it is not for endpoints and pool threads.
/// </summary>
internal static class Blocking
{
#pragma warning disable VSTHRD002 // see above
    public static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    public static void Wait(Task task) => task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
}
