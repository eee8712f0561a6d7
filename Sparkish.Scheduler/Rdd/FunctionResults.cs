using Sparkish.Serialization.Closures.Analysis;

namespace Sparkish;

/// <summary>Refuses functions whose results are still to come: nothing on an executor would wait for them.</summary>
internal static class FunctionResults
{
    private const string FSharpAsync = "Microsoft.FSharp.Control.FSharpAsync`1";

    /// <exception cref="SparkException">The function returns a task, or a sequence that is made as it is awaited.</exception>
    public static void RequireValues<TResult>(string operation)
    {
        if (!IsPending(typeof(TResult))) return;
        throw new SparkException(
            $"{operation}(...): the function returns a {TypeNames.Of(typeof(TResult))}, which no executor waits for; wait inside the function, such as with GetAwaiter().GetResult(), "
                + "and return the result.");
    }

    private static bool IsPending(Type type)
    {
        var definition = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        return type.IsAssignableTo(typeof(Task)) || definition == typeof(ValueTask) || definition == typeof(ValueTask<>)
            || definition == typeof(IAsyncEnumerable<>) || definition.FullName is FSharpAsync;
    }
}
