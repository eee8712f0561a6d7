namespace Sparkish.Serialization.Types;

/// <summary>Marks a class of Sparkish whose lambdas are sent to executors. Delegates to other methods of Sparkish are never created from bytes.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class SendsFunctionsAttribute : Attribute;
