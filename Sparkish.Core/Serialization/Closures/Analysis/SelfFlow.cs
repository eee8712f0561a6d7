using System.Reflection;
using System.Reflection.Metadata;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>
/// Tracks one object, of a known class, through the code of one method. The result is the fields that the code uses, the methods that it calls, and whether the
/// object escapes the analysis. Each value on the stack and each variable either may be the object or is not; the code is analyzed repeatedly until nothing
/// changes. In doubt the object escapes.
/// </summary>
internal sealed class SelfFlow
{
    private static readonly HashSet<string> HarmlessOfObject = new(StringComparer.Ordinal)
        { nameof(GetType), nameof(ToString), nameof(GetHashCode), nameof(Equals) };

    private readonly MethodBase _method;
    private readonly Type _self;
    private readonly IlTokens _tokens;
    private readonly IReadOnlyList<IlInstruction> _code;
    private readonly SelfStack _stack;
    private readonly HashSet<int> _arguments = [];
    private readonly HashSet<int> _locals = [];
    private bool _hasNewVariable;

    private SelfFlow(MethodBase method, Type self, MethodBody? body)
    {
        _method = method;
        _self = self;
        _tokens = new IlTokens(method);
        _code = IlReader.Read(body);
        _stack = new SelfStack(_code, body?.ExceptionHandlingClauses ?? []);
    }

    /// <summary>The fields of the object that are used.</summary>
    public HashSet<MemberKey> Fields { get; } = [];

    /// <summary>The methods that are called on the object, or converted to a delegate.</summary>
    public List<MethodBase> Called { get; } = [];

    /// <summary>The way in which the object escapes, as the end of a sentence that begins with the method's name; null if it does not.</summary>
    public string? Escape { get; private set; }

    public static SelfFlow Of(MethodBase method, Type self)
    {
        var body = method.Module.Assembly.IsDynamic ? null : method.GetMethodBody();
        var flow = new SelfFlow(method, self, body);
        if (!method.IsStatic && Dispatch.IsPart(method.DeclaringType, self))
        {
            if (body is null) flow.Escape = "has no readable code";
            flow._arguments.Add(0);
        }

        if (body is not null) flow.Run();
        return flow;
    }

    private void Run()
    {
        do
        {
            _hasNewVariable = false;
            _stack.Start();
            while (Escape is null && _stack.TryNext(out var index)) RunFrom(index);
        }
        while (_hasNewVariable && Escape is null);
    }

    private void RunFrom(int index)
    {
        for (var i = index; Escape is null && i < _code.Count; i++)
        {
            if (i != index && _stack.IsEntry(i))
            {
                if (!_stack.TryEnter(i)) Escape = "is code that cannot be analyzed";
                return;
            }

            Step(_code[i]);
            if (_stack.IsBroken || !Array.TrueForAll(_code[i].Targets, _stack.TryEnterAt)) Escape ??= "is code that cannot be analyzed";
            if (!IlEffects.FallsThrough(_code[i])) return;
        }
    }

    private void Step(IlInstruction instruction)
    {
        switch (instruction.Code)
        {
            case >= ILOpCode.Ldarg_0 and <= ILOpCode.Ldarg_3: Load(_arguments, instruction.Code - ILOpCode.Ldarg_0); break;
            case >= ILOpCode.Ldloc_0 and <= ILOpCode.Ldloc_3: Load(_locals, instruction.Code - ILOpCode.Ldloc_0); break;
            case >= ILOpCode.Stloc_0 and <= ILOpCode.Stloc_3: Store(_locals, instruction.Code - ILOpCode.Stloc_0); break;
            case ILOpCode.Ldarg_s or ILOpCode.Ldarg: Load(_arguments, instruction.Operand); break;
            case ILOpCode.Ldloc_s or ILOpCode.Ldloc: Load(_locals, instruction.Operand); break;
            case ILOpCode.Stloc_s or ILOpCode.Stloc: Store(_locals, instruction.Operand); break;
            case ILOpCode.Starg_s or ILOpCode.Starg: Store(_arguments, instruction.Operand); break;
            case ILOpCode.Ldarga_s or ILOpCode.Ldarga: LoadAddress(_arguments, instruction.Operand); break;
            case ILOpCode.Ldloca_s or ILOpCode.Ldloca: LoadAddress(_locals, instruction.Operand); break;
            case ILOpCode.Dup: _stack.Duplicate(); break;
            case ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Unbox_any or ILOpCode.Box: _stack.Push(_stack.Pop() with { Function = null }); break;
            case ILOpCode.Ldfld or ILOpCode.Ldflda: LoadField(instruction); break;
            case ILOpCode.Stfld: StoreField(instruction); break;
            case ILOpCode.Ldftn: _stack.Push(new Operand(false, _tokens.Member(instruction) as MethodBase)); break;
            case ILOpCode.Ldvirtftn: LoadVirtual(instruction); break;
            case ILOpCode.Newobj: Make(instruction); break;
            case ILOpCode.Call or ILOpCode.Callvirt: Call(instruction); break;
            case ILOpCode.Calli: CallPointer(instruction); break;
            case ILOpCode.Leave or ILOpCode.Leave_s: _stack.Clear(); break;
            case ILOpCode.Ret: if (_stack.Count > 0) Take(1, "returns it"); break;
            default:
                Take(IlEffects.Pops(instruction), IlEffects.IsHarmless(instruction) ? null : "stores it"); _stack.PushOthers(IlEffects.Pushes(instruction));
                break;
        }
    }

    private void Load(HashSet<int> variables, int number) => _stack.Push(variables.Contains(number) ? Operand.Self : Operand.Other);

    private void LoadAddress(HashSet<int> variables, int number)
    {
        if (variables.Contains(number)) Escape = "takes a reference to a variable that holds it";
        _stack.Push(Operand.Other);
    }

    private void Store(HashSet<int> variables, int number)
    {
        if (_stack.Pop().IsSelf && variables.Add(number)) _hasNewVariable = true;
    }

    private void LoadField(IlInstruction instruction)
    {
        var isSelf = _stack.Pop().IsSelf;
        if (_tokens.Member(instruction) is not FieldInfo field)
        {
            Escape = "uses a field of a missing assembly";
            return;
        }

        if (isSelf && Dispatch.IsPart(field.DeclaringType, _self)) Fields.Add(MemberKey.Of(field));
        var leadsBack = IsOuterThis(field);
        if (leadsBack && instruction.Code == ILOpCode.Ldflda) Escape = "takes a reference to a variable that holds it";
        _stack.Push(leadsBack ? Operand.Self : Operand.Other);
    }

    private void StoreField(IlInstruction instruction)
    {
        var value = _stack.Pop();
        var owner = _stack.Pop();
        if (_tokens.Member(instruction) is not FieldInfo field) Escape = "uses a field of a missing assembly";
        else if (value.IsSelf && !IsOuterThis(field)) Escape = $"stores it in {field.Name}";
        else if (owner.IsSelf && Dispatch.IsPart(field.DeclaringType, _self)) Fields.Add(MemberKey.Of(field));
    }

    // Code generated from the body of one method shares the object around it.
    private bool IsOuterThis(FieldInfo field) => CompilerTypes.IsOuterThis(field) && Dispatch.IsPart(field.FieldType, _self);

    private void LoadVirtual(IlInstruction instruction)
    {
        var isSelf = _stack.Pop().IsSelf;
        var method = _tokens.Member(instruction) as MethodBase;
        if (isSelf && method is not null) method = Dispatch.Virtual(method, _self);
        if (isSelf && method is null) Escape = "creates a delegate to an unknown method";
        _stack.Push(new Operand(false, method));
    }

    private void Make(IlInstruction instruction)
    {
        if (_tokens.Member(instruction) is not MethodBase { DeclaringType: { } type } constructor)
        {
            Escape = "creates an object of a missing assembly";
            return;
        }

        if (type.IsSubclassOf(typeof(Delegate)))
        {
            var function = _stack.Pop().Function;
            if (_stack.Pop().IsSelf)
            {
                if (function is { IsStatic: false }) CallOnSelf(function, isVirtual: false);
                else Escape = "creates a delegate to it that cannot be analyzed";
            }
        }
        else
        {
            // The code of an F# lambda that captures the object is analyzed, too.
            for (var argument = constructor.GetParameters().Length - 1; argument >= 0; argument--)
            {
                var isKept = constructor is ConstructorInfo made && FSharpClosures.IsKeptAsSelf(made, argument);
                Take(1, isKept ? null : $"passes it to new {type.Name}");
            }
        }

        _stack.Push(Operand.Other);
    }

    private void Call(IlInstruction instruction)
    {
        if (_tokens.Member(instruction) is not MethodBase called || called.CallingConvention.HasFlag(CallingConventions.VarArgs))
        {
            Escape = "calls an unknown method";
            return;
        }

        var isComparison = called.DeclaringType == typeof(object) && called.Name == nameof(ReferenceEquals);
        Take(called.GetParameters().Length, isComparison ? null : $"passes it to {NameOf(called)}");
        if (!called.IsStatic && _stack.Pop().IsSelf) CallOnSelf(called, instruction.Code == ILOpCode.Callvirt);
        if (called is MethodInfo method && method.ReturnType != typeof(void)) _stack.Push(Operand.Other);
    }

    private void CallPointer(IlInstruction instruction)
    {
        if (_tokens.Signature(instruction) is not var (taken, leaves))
        {
            Escape = "calls an unknown method";
            return;
        }

        Take(taken, "passes it to a function pointer");
        if (leaves) _stack.Push(Operand.Other);
    }

    private void CallOnSelf(MethodBase called, bool isVirtual)
    {
        var target = isVirtual ? Dispatch.Virtual(called, _self) : Dispatch.Exact(called, _self);
        if (target is null) Escape ??= $"calls {NameOf(called)} on it";
        else if (target.DeclaringType != typeof(object)) Called.Add(target);
        else if (!HarmlessOfObject.Contains(target.Name) && !target.IsConstructor) Escape ??= $"calls {NameOf(called)} on it";
    }

    private void Take(int count, string? escape)
    {
        for (; count > 0; count--)
        {
            if (_stack.Pop().IsSelf && escape is not null) Escape ??= escape;
        }
    }

    private string NameOf(MethodBase called) => called.DeclaringType == _method.DeclaringType
        ? called.Name
        : $"{called.DeclaringType?.Name.Split('`')[0]}.{called.Name}";
}
