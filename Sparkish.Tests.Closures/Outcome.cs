using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Sparkish.Tests.Closures;

/// <summary>Calls functions and writes their results: what is to come is awaited, sequences are listed, changed arguments stand behind.</summary>
internal static class Outcome
{
    public static string Of(Delegate function, object?[] arguments)
    {
        try
        {
            var given = (object?[])arguments.Clone();
            var result = Text(function.DynamicInvoke(given));
            var byRef = function.GetType().GetMethod("Invoke")!.GetParameters().Where(parameter => parameter.ParameterType.IsByRef).ToArray();
            return byRef.Length == 0 ? result : $"{result}; {string.Join(", ", byRef.Select(parameter => Text(given[parameter.Position])))}";
        }
        catch (TargetInvocationException e)
        {
            return $"{e.InnerException!.GetType().Name}: {e.InnerException.Message}";
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        string text => text,
        Task task => Text(Await(task)),
        IAsyncEnumerable<int> items => Text(items.ToBlockingEnumerable()),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Text))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static object? Await(Task task)
    {
        task.GetAwaiter().GetResult();
        return task.GetType().GetProperty("Result")?.GetValue(task);
    }
}
