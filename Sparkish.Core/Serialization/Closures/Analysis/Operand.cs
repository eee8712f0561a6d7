using System.Reflection;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>Knowledge of a value on the evaluation stack: whether it may be the tracked object, and the method that it points to.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Operand(bool IsSelf, MethodBase? Function)
{
    public static Operand Other => default;

    public static Operand Self => new(true, null);

    public Operand Or(Operand other) => new(IsSelf || other.IsSelf, ReferenceEquals(Function, other.Function) ? Function : null);
}
