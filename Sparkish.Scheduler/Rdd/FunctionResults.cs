using Sparkish.Serialization.Closures.Analysis;
using Sparkish.Serialization.Types;

namespace Sparkish;

/// <summary>Refuses functions with asynchronous results: executors would not await them.</summary>
internal static class FunctionResults
{
    /// <exception cref="SparkException">The function returns a task, or an asynchronous sequence.</exception>
    public static void RequireValues<TResult>(string operation)
    {
        if (!IsPending(typeof(TResult))) return;
        var result = TypeNames.Of(typeof(TResult));
        throw new SparkException(
            $"{operation}(...): the function returns {(result[0] is 'A' or 'I' ? "an" : "a")} {result}, which executors do not await; wait inside the function, "
                + $"{(FSharpTypes.IsAsync(typeof(TResult)) ? "with Async.RunSynchronously" : "such as with GetAwaiter().GetResult()")}, and return the result.");
    }

    private static bool IsPending(Type type)
    {
        var definition = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        return type.IsAssignableTo(typeof(Task)) || definition == typeof(ValueTask) || definition == typeof(ValueTask<>)
            || definition == typeof(IAsyncEnumerable<>) || FSharpTypes.IsAsync(type);
    }
}
